@_exported import NunchiDatasets
@_exported import NunchiDocuments
@_exported import NunchiEngine
@_exported import NunchiEvaluation
@_exported import NunchiGraph
@_exported import NunchiImages
@_exported import NunchiInference
@_exported import NunchiLayers
@_exported import NunchiModelFiles
@_exported import NunchiModels
@_exported import struct NunchiSystem.FileError
@_exported import NunchiTensors
@_exported import NunchiTraining
