/**
 * Weights and their files: safetensors, ONNX and TensorFlow bundles as sources of named tensors, Hugging Face folders
 * as the canonical layout, manifests with digests, packed ternary and binary codes, checkpoints.
 *
 * <p>Entry: {@link dev.ternion.artifact.PretrainedImporter} to bring a model in, {@link
 * dev.ternion.artifact.SafetensorsFile} and {@link dev.ternion.artifact.SafetensorsWriter} to read and write weights.
 * Every file read here is untrusted: a size is bounded before anything is allocated, and a refusal is an {@link
 * dev.ternion.artifact.ArtifactException} that says the value seen, the value wanted and what to do.
 *
 * <p>May import {@code dev.ternion.tensor} and nothing else of ours; outside the JDK only Jackson, protobuf's wire
 * reader and slf4j.
 */
package dev.ternion.artifact;
