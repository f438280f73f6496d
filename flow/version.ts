/** Of all parts: they are built and released together. A test holds it equal to package.json. */
export const VERSION = '0.1.0';
