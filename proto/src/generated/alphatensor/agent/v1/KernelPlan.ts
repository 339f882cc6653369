// Original file: alphatensor/agent/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How the innermost products of a packed program are carried out.
 */
export interface KernelPlan {
  /**
   * Rows and cache lines of the register tile.
   */
  'mr'?: (number);
  'lines'?: (number);
  /**
   * Greatest depth of the products between two updates of a register tile.
   */
  'kc'?: (number);
  /**
   * Largest tile of a block that is computed for all products at a time, elements.
   */
  'tileRows'?: (number);
  'tileColumns'?: (number);
  /**
   * Packed operands larger than this bypass the caches when they are written.
   */
  'streamAboveBytes'?: (number | string | Long);
  /**
   * Tiles are made so small that all products of one take no more than this, where the tile still has a sensible size; 0: never.
   */
  'nearBytes'?: (number | string | Long);
}

/**
 * How the innermost products of a packed program are carried out.
 */
export interface KernelPlan__Output {
  /**
   * Rows and cache lines of the register tile.
   */
  'mr': (number);
  'lines': (number);
  /**
   * Greatest depth of the products between two updates of a register tile.
   */
  'kc': (number);
  /**
   * Largest tile of a block that is computed for all products at a time, elements.
   */
  'tileRows': (number);
  'tileColumns': (number);
  /**
   * Packed operands larger than this bypass the caches when they are written.
   */
  'streamAboveBytes': (number);
  /**
   * Tiles are made so small that all products of one take no more than this, where the tile still has a sensible size; 0: never.
   */
  'nearBytes': (number);
}
