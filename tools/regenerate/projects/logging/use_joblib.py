from joblib import Parallel, delayed

import failing

Parallel(n_jobs=2)(delayed(failing.price)(name) for name in ["tea", "coffee"])
