"""Names that don't exist: what is imported late must not make type checkers believe in everything."""

import thinc
from thinc.api import Relu, Reluu  # refused: no such name
from thinc.backends import CupyOpps  # refused: no such name
from thinc.interop import from_torhc  # refused: no such name
from thinc.layers import chain, chian  # refused: no such name
from thinc.loss import L3Distance  # refused: no such name
from thinc.optimizers import Adamm  # refused: no such name
from thinc.shims import TorchShim  # refused: no such name

print(Relu, Reluu, CupyOpps, from_torhc, chain, chian, L3Distance, Adamm, TorchShim)
print(thinc.set_num_treads(1))  # refused: no such name
