// The pause program needs nothing but the standard library.
module wpclone.example/local/pause

go 1.26
