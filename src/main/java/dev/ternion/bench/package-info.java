/** Times parts of the engine on any device, with inputs of its own. */
package dev.ternion.bench;
