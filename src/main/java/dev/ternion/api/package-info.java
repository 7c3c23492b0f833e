/**
 * Between the wire and the records of {@code recipe}: reads specs, fills in {@link dev.ternion.api.Defaults}, reports
 * all problems at once, and writes specs, progress and reports back.
 *
 * <p>Entry: {@link dev.ternion.api.SpecMapper}. Port: {@link dev.ternion.api.ResourceCatalog}.
 */
package dev.ternion.api;
