/**
 * Losses, optimizers, learning-rate schedules, evaluation and the training of one student or one teacher.
 *
 * <p>Entries: {@link dev.ternion.training.StudentTraining}, {@link dev.ternion.training.FineTuning}. May import {@code
 * model}, {@code intervention}, {@code data}, {@code tensor} and the handles of {@code backend}. Time and randomness are handed in. One thread.
 */
package dev.ternion.training;
