/** The FINE_TUNE job: a full-precision model on labels, the teacher of later jobs. Imports what {@link dev.ternion.recipe} may. */
package dev.ternion.recipe.finetune;
