/**
 * The gRPC services: translation between the wire, {@code api} and {@code jobs}, nothing else. No call blocks a network
 * thread; streams move only while the other side takes what is sent.
 *
 * <p>Entry: {@link dev.ternion.server.TernionServer}. Ports: {@link dev.ternion.server.ModelCatalog},
 * {@link dev.ternion.server.DatasetCatalog}, and {@code api.ResourceCatalog}.
 */
package dev.ternion.server;
