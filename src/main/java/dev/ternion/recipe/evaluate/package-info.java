/** The EVALUATE job: metrics of one model. Imports what {@link dev.ternion.recipe} may. */
package dev.ternion.recipe.evaluate;
