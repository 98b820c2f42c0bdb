//! s06_receiver_answers
