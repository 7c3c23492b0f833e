package dev.ternion.data;

/** What the label of a task is. */
public enum TaskKind {
    /** The label is one of a list of classes; its number is the index in that list. */
    CLASSIFICATION,
    /** The label is a real number. */
    REGRESSION
}
