import shopp
