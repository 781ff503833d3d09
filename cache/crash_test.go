package cache

func child() {}
