/** Objects in a bucket of S3, by Amazon's SDK, which is on the class path of a build with the profile {@code s3} alone. */
package dev.ternion.objects.s3;
