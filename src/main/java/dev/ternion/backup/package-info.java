/**
 * A data folder in one file, and back. A backup holds what its database names; every bit of it is checked before a restored folder
 * appears. Entry: {@link dev.ternion.backup.Backup}, {@link dev.ternion.backup.Restore}.
 */
package dev.ternion.backup;
