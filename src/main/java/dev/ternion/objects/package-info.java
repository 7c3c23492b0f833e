/**
 * Objects: immutable files that other parts of the service name, in a store behind a port; and uploads, which become objects when all
 * their bytes are there.
 */
package dev.ternion.objects;
