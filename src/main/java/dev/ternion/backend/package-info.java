/**
 * The binding to native code: opens a device and holds the generated Java view of the engine contract.
 *
 * <p>Entry: {@link dev.ternion.backend.Backends}. May import nothing of ours; the only package that names
 * {@code org.bytedeco}. A backend is used by one thread at a time.
 */
package dev.ternion.backend;
