import { Command } from 'commander';
import type { NamedSize } from '../shapes/bindings.js';
import { modelLines } from '../shapes/lines.js';
import { readModelProducts } from '../shapes/model-products.js';
import { dimOption, jsonOption } from './options.js';
import { print, printJson } from './output.js';

interface ShapesOptions {
  readonly dim?: readonly NamedSize[];
  readonly json?: boolean;
}

export function shapesCommand(): Command {
  return new Command('shapes')
    .summary("list a model's matrix products, without running it")
    .description(
      'Reads an ONNX model, infers all shapes, and lists the products that one run makes: MxKxN, how often, which layers, and their share of the arithmetic. A convolution counts as its implicit product (im2col): out channels per group x (in channels per group * kernel) x (batch * positions), once for each group. Weights are not read and need not be there.',
    )
    .argument('<model>', 'an .onnx file')
    .addOption(dimOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  at-trainer shapes resnet50.onnx
  at-trainer shapes bert.onnx --dim batch=8 --dim sequence=512
  at-trainer shapes detector.onnx --dim 'images[0]=4' --json`,
    )
    .action((model: string, { dim = [], json }: ShapesOptions) => {
      const products = readModelProducts(model, dim);
      if (json) return printJson(products);
      for (const line of modelLines(products)) print(line);
    });
}
