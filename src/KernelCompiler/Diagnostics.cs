using Microsoft.CodeAnalysis;

namespace P6bNative.KernelCompiler;

/// <summary>Every refusal of the translator; docs/kernel-language.md lists them with what to do.</summary>
internal static class Diagnostics
{
    public const string KernelShape = "P6K001";
    public const string ClassShape = "P6K002";
    public const string Generic = "P6K003";
    public const string ParameterType = "P6K004";
    public const string ElementType = "P6K005";
    public const string TooManyParameters = "P6K006";
    public const string GroupSize = "P6K007";
    public const string UnsupportedType = "P6K008";
    public const string UnsupportedCall = "P6K009";
    public const string ApproximateMath = "P6K010";
    public const string Recursion = "P6K011";
    public const string Delegate = "P6K012";
    public const string Exception = "P6K013";
    public const string UnsupportedStatement = "P6K014";
    public const string UnsupportedExpression = "P6K015";
    public const string SideEffect = "P6K016";
    public const string AllocationLength = "P6K017";
    public const string AllocationPlace = "P6K018";
    public const string ViewUse = "P6K019";
    public const string Checked = "P6K020";
    public const string Field = "P6K021";
    public const string Reference = "P6K022";
    public const string DuplicateName = "P6K023";
    public const string Specialization = "P6K024";

    public const string DivergentBarrier = "P6K025";

    public static readonly IReadOnlyDictionary<string, string> Messages = new Dictionary<string, string>
    {
        [KernelShape] = "Kernel '{0}' must be static and return void",
        [ClassShape] = "Kernel '{0}' must stand in a static partial class that is not nested in another type",
        [Generic] = "'{0}' is generic: write a method for each type",
        [ParameterType] = "Parameter '{0}' of a kernel has type '{1}': use ArrayView<T>, int, uint, long, ulong, float or SpecializedValue<int>",
        [ElementType] = "A view cannot hold '{0}': use int, uint, float, Float4 or Float16",
        [TooManyParameters] = "Kernel '{0}' has {1} {2}: at most {3}",
        [GroupSize] = "Kernel '{0}' has groups of {1}: from 1 to 1024",
        [UnsupportedType] = "Type '{0}' is not in the kernel language",
        [UnsupportedCall] =
            "'{0}' cannot be called from a kernel: call functions of the kernel language, and static methods of this assembly that are not kernels",
        [ApproximateMath] = "'{0}' is not in the kernel language: use {1}",
        [Recursion] = "'{0}' calls itself: kernels have no stack",
        [Delegate] = "Lambdas, local functions and delegates are not in the kernel language: write a static method",
        [Exception] = "Exceptions are not in the kernel language: {0}",
        [UnsupportedStatement] = "This statement is not in the kernel language: {0}",
        [UnsupportedExpression] = "This expression is not in the kernel language: {0}",
        [SideEffect] = "A side effect inside an expression would depend on the order of evaluation: make {0} a statement of its own",
        [AllocationLength] = "The length of an allocation must be a constant of the kernel or a specialised value",
        [AllocationPlace] = "{0}",
        [ViewUse] = "{0}",
        [Checked] = "Checked arithmetic is not in the kernel language: integers wrap",
        [Field] = "Field '{0}' is not a constant: pass it as a parameter",
        [Reference] = "A ref or out argument must be a local variable of a scalar type",
        [DuplicateName] = "Class '{0}' has several kernels named '{1}'",
        [Specialization] = "Specialised value '{0}': only SpecializedValue<int> parameters of kernels are in the language",
        [DivergentBarrier] = "Not every work item of the group reaches this barrier: what leads to it depends on Group.IdxX",
    };

    private static readonly Dictionary<string, DiagnosticDescriptor> _descriptors = Messages.ToDictionary(
        message => message.Key,
        message => new DiagnosticDescriptor(
            message.Key, "Outside the kernel language", message.Value, "KernelLanguage", DiagnosticSeverity.Error, isEnabledByDefault: true));

    public static DiagnosticDescriptor Descriptor(string id) => _descriptors[id];
}
