export {
  type EvaluatedModel,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  evaluateModel,
  type TrainedAndEvaluated,
  trainAndEvaluate,
} from './evaluate.js';
export { type Evaluations, readEvaluations } from './record.js';
