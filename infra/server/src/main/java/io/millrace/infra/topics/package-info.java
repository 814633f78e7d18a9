/**
 * The topics of an installation: how they have to be, and how they are made, mended and checked. The parts that write
 * and read the topics know what stands in them.
 */
@NullMarked
package io.millrace.infra.topics;

import org.jspecify.annotations.NullMarked;
