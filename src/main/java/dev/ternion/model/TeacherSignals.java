package dev.ternion.model;

import dev.ternion.intervention.Site;

/**
 * An intervention on a forward pass: at {@code site} of every layer the student's signal is replaced by the teacher's.
 *
 * @param site MAP, CONTEXT or OUTPUT
 * @param trace the teacher's signals on the same batch; must hold {@code site} for every layer; MAP by its
 *     elements or operands, as the student keeps whole maps or not
 */
public record TeacherSignals(Site site, Trace trace) {}
