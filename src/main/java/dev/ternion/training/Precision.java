package dev.ternion.training;

/** Numbers in the dense products of a training that need not be exact. The student's forward pass always is. */
public enum Precision {
    /** Products of gradients with codes, and of the teacher, in f32. */
    FP32,
    /** Operands of those products rounded to bf16, sums in f32. */
    BF16
}
