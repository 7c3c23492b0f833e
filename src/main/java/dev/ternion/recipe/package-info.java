/**
 * Job kinds, one sub-package each: spec record, run and report.
 *
 * <p>Entry: {@link dev.ternion.recipe.Recipes}. May import {@code training}, {@code model}, {@code intervention}, {@code
 * quant}, {@code data}, {@code artifact}, {@code tensor} and the handles of {@code backend}. Devices, clocks and folders are handed in by {@link
 * dev.ternion.recipe.RecipeContext}.
 */
package dev.ternion.recipe;
