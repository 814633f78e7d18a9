/**
 * What all nodes know of each other and of workers: registrations, signs of life, tenures; one compacted topic, held in
 * memory. What follows from it is decided by those who ask.
 */
package io.millrace.proto.directory;
