/** The QAT job: arms and seeds of quantization-aware training against one teacher. Imports what {@link dev.ternion.recipe} may. */
package dev.ternion.recipe.qat;
