import NunchiTensors
import Testing
