package dev.ternion.artifact;

/**
 * One tensor of a TensorFlow bundle.
 *
 * @param place name as stored; offset counts from the start of the shard's data file
 * @param shard number of the data file
 * @param hasCrc whether the index carries a checksum
 * @param crc masked CRC-32C of the bytes
 */
record BundleEntry(TensorEntry place, int shard, boolean hasCrc, int crc) {}
