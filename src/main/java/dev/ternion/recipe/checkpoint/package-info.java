/**
 * How a job goes on where an earlier run of it stopped: what a checkpoint holds, when one is made, how it is read. Imports
 * what {@link dev.ternion.recipe} may.
 *
 * <p>Entry: {@link dev.ternion.recipe.checkpoint.Checkpoints}.
 */
package dev.ternion.recipe.checkpoint;
