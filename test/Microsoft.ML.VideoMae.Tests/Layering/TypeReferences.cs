// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Microsoft.ML.VideoMae.Tests.Layering;

/// <summary>
/// The types that a type refers to in any way that is left in an assembly. What a compiler takes out cannot be seen: constants,
/// <c>nameof</c>, and attributes for compilers alone.
/// </summary>
internal static class TypeReferences
{
    /// <summary>The outermost type around a type.</summary>
    internal static TypeReference Outermost(TypeReference type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    /// <summary>Every type that a type and the types inside it use, without what they are composed of: outermost types alone.</summary>
    internal static IEnumerable<TypeReference> Of(TypeDefinition type) =>
        Used(type).SelectMany(Parts).Where(part => part is not GenericParameter).Select(Outermost).Concat(type.NestedTypes.SelectMany(Of));

    private static IEnumerable<TypeReference?> Used(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.SelectMany(i => Attributes(i).Append(i.InterfaceType)),
        .. Attributes(type),
        .. Constraints(type),
        .. type.Fields.SelectMany(field => Attributes(field).Append(field.FieldType)),
        .. type.Properties.SelectMany(property => Attributes(property).Append(property.PropertyType)),
        .. type.Events.SelectMany(e => Attributes(e).Append(e.EventType)),
        .. type.Methods.SelectMany(Used),
    ];

    private static IEnumerable<TypeReference?> Used(MethodDefinition method) =>
    [
        method.ReturnType,
        .. Attributes(method),
        .. Attributes(method.MethodReturnType),
        .. Constraints(method),
        .. method.Parameters.SelectMany(parameter => Attributes(parameter).Append(parameter.ParameterType)),
        .. method.Overrides.SelectMany(Used),
        .. method.HasBody ? Used(method.Body) : [],
    ];

    private static IEnumerable<TypeReference?> Used(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(instruction => instruction.Operand switch
        {
            TypeReference type => [type],
            MethodReference method => Used(method),
            FieldReference field => [field.DeclaringType, field.FieldType],
            CallSite call => [call.ReturnType, .. call.Parameters.Select(parameter => parameter.ParameterType)],
            _ => Enumerable.Empty<TypeReference?>(),
        }),
    ];

    /// <summary>What is passed to a method need not be known to the caller; what comes back is held by it.</summary>
    private static IEnumerable<TypeReference?> Used(MethodReference method) =>
        [method.DeclaringType, method.ReturnType, .. method is GenericInstanceMethod generic ? generic.GenericArguments : []];

    private static IEnumerable<TypeReference?> Constraints(IGenericParameterProvider generic) =>
        generic.GenericParameters.SelectMany(p => Attributes(p).Concat(p.Constraints.Select(constraint => constraint.ConstraintType)));

    private static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider owner) => owner.CustomAttributes.SelectMany(attribute =>
        Arguments(attribute).SelectMany(a => new[] { a.Type, a.Value as TypeReference }).Append(attribute.AttributeType));

    private static IEnumerable<CustomAttributeArgument> Arguments(CustomAttribute attribute) =>
        attribute.ConstructorArguments.Concat(attribute.Fields.Concat(attribute.Properties).Select(named => named.Argument));

    /// <summary>The types that a type is composed of: elements, generic arguments, parameters of function pointers.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        FunctionPointerType function => function.Parameters.Select(p => p.ParameterType).Append(function.ReturnType).SelectMany(Parts),
        IModifierType modified => Parts(modified.ModifierType).Concat(Parts(modified.ElementType)),
        TypeSpecification composed => Parts(composed.ElementType),
        _ => [type],
    };
}
