// Original file: alphatensor/agent/v1/agent.proto


export interface Blas {
  /**
   * For example "OpenBLAS", "BLIS", "XLA dot", or "portable" for the project's own leaf where there is no BLAS.
   */
  'name'?: (string);
  'version'?: (string);
  'library'?: (string);
  /**
   * How the library says it was configured; empty where it says nothing.
   */
  'configuration'?: (string);
  /**
   * False for what is no BLAS library, the project's own portable leaf or a plain kernel: nothing is called faster
   * than it.
   */
  'thirdParty'?: (boolean);
  /**
   * Variables that its process's environment holds because it is faster with them than as it chooses by itself, for
   * example OPENBLAS_CORETYPE=SkylakeX.
   */
  'environment'?: ({[key: string]: string});
}

export interface Blas__Output {
  /**
   * For example "OpenBLAS", "BLIS", "XLA dot", or "portable" for the project's own leaf where there is no BLAS.
   */
  'name': (string);
  'version': (string);
  'library': (string);
  /**
   * How the library says it was configured; empty where it says nothing.
   */
  'configuration': (string);
  /**
   * False for what is no BLAS library, the project's own portable leaf or a plain kernel: nothing is called faster
   * than it.
   */
  'thirdParty': (boolean);
  /**
   * Variables that its process's environment holds because it is faster with them than as it chooses by itself, for
   * example OPENBLAS_CORETYPE=SkylakeX.
   */
  'environment': ({[key: string]: string});
}
