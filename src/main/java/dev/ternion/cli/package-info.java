/**
 * Commands, on the generated stubs: JSON on stdout, text for people on stderr, documented exit codes.
 *
 * <p>Imports of ours: the generated {@code api.v1} only. Servers are started through {@link dev.ternion.cli.Launcher}.
 */
package dev.ternion.cli;
