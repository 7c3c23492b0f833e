/**
 * The central noun: which value inside a training system is overridden, where and when. Pure functions of the step.
 *
 * <p>Entry: {@link dev.ternion.intervention.Schedule}. Imports nothing of ours. Source: [TI] section 2.
 */
package dev.ternion.intervention;
