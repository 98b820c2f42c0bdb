//! s07_close_the_loop
