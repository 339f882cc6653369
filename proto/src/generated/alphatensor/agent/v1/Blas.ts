// Original file: alphatensor/agent/v1/agent.proto


export interface Blas {
  /**
   * For example "OpenBLAS", "BLIS", or "portable" for the project's own leaf where there is no BLAS.
   */
  'name'?: (string);
  'version'?: (string);
  'library'?: (string);
  /**
   * How the library says it was configured; empty where it says nothing.
   */
  'configuration'?: (string);
  /**
   * False for the project's own portable leaf, over which no speed-up is claimed.
   */
  'vendor'?: (boolean);
}

export interface Blas__Output {
  /**
   * For example "OpenBLAS", "BLIS", or "portable" for the project's own leaf where there is no BLAS.
   */
  'name': (string);
  'version': (string);
  'library': (string);
  /**
   * How the library says it was configured; empty where it says nothing.
   */
  'configuration': (string);
  /**
   * False for the project's own portable leaf, over which no speed-up is claimed.
   */
  'vendor': (boolean);
}
