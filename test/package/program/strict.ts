// Compiled by test/package/install.test.ts in a project that has installed the package: strict, NodeNext, and with the
// types of libraries checked too. It touches every sub-path.
import { InputError, MODALITIES, type Modality } from 'vega-merc';
import { type AnchorBank, inspectAnchors } from 'vega-merc/anchors';
import { type Corpus, readCorpus } from 'vega-merc/corpus';
import { DEFAULT_CHOICE, type EncoderChoice } from 'vega-merc/encoders';
import { trainAndEvaluate } from 'vega-merc/evaluation';
import { Graph, type Tensor } from 'vega-merc/graph';
import { readSafetensors } from 'vega-merc/interchange';
import { argmax } from 'vega-merc/metrics';
import { reportPage } from 'vega-merc/report';
import { train } from 'vega-merc/training';
import { createVega } from 'vega-merc/vega';

const data: Corpus = readCorpus('corpus');
const choice: EncoderChoice = { ...DEFAULT_CHOICE, rate: 2 };
const modalities: readonly Modality[] = MODALITIES;
export type Inspect = (bank: AnchorBank) => ReturnType<typeof inspectAnchors>;
export type Read = (graph: Graph) => Tensor[];
const functions = [trainAndEvaluate, readSafetensors, reportPage, train, createVega, inspectAnchors, InputError];
if (functions.some((each) => typeof each !== 'function') || new Graph().nodes.length !== 0) process.exit(1);
console.log(data.classes.length, choice.rate, modalities.length, argmax(Float32Array.of(1, 2), 2)[0]);
