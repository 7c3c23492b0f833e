/** The catalogue of operations, run on two devices and compared: what a device must do to count as one. */
package dev.ternion.conformance;
