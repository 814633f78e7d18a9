/**
 * A handler for each group of commands, and nothing else. A handler reads the state and notes events in a draft. It never changes
 * the state: that is what {@code state} does with the events. What several handlers need stands in {@code decide}.
 */
@NullMarked
package io.millrace.dispatcher.engine.handle;

import org.jspecify.annotations.NullMarked;
