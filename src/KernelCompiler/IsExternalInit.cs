namespace System.Runtime.CompilerServices;

/// <summary>Lets records be compiled for netstandard2.0, which lacks this type.</summary>
internal static class IsExternalInit;
