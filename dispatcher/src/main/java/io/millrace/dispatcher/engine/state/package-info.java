/**
 * The state of a partition, and the appliers, which alone change it, by events. Here too are the indexes of what is ready and
 * what is due. Nothing is decided here. What rests in the store is written and read by {@code store}.
 */
@NullMarked
package io.millrace.dispatcher.engine.state;

import org.jspecify.annotations.NullMarked;
