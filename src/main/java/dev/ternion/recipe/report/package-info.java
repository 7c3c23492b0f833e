/**
 * What a finished job says, and the statistics behind it: summaries over seeds, and contrasts between arms with
 * confidence intervals.
 *
 * <p>All of it is deterministic: resampling draws from counter-based numbers keyed by a seed in the report.
 */
package dev.ternion.recipe.report;
