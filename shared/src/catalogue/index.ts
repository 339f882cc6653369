export {
  type CatalogueEntry,
  catalogueEntries,
  catalogueNames,
  catalogueRecords,
  findInCatalogue,
} from './catalogue.js';
export {
  type CatalogueName,
  catalogueFileName,
  compareCatalogueNames,
  formatCatalogueName,
  looksLikeCatalogueName,
  parseCatalogueFileName,
} from './name.js';
