/**
 * Composition root: joins the packages, implements the ports of {@code server}, {@code worker}, {@code api} and {@code cli}
 * on folders and recipes.
 *
 * <p>Entry: {@link dev.ternion.Main}. May import everything; nothing imports it.
 */
package dev.ternion;
