/** Features this many times further from those of training than these are themselves, on average, are far from them. */
export const FAR = 4;
