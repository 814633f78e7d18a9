/**
 * What all nodes know of each other and of workers: registrations, signs of life, tenures. One compacted topic, held in
 * memory. What follows from this knowledge is decided elsewhere.
 */
@NullMarked
package io.millrace.proto.directory;

import org.jspecify.annotations.NullMarked;
