/** The version of the engine, as results name it. */
export const ENGINE_VERSION = '0.1.0';
