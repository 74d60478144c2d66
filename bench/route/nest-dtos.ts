/** The rules of order-schemas.ts for class-validator, which NestJS's own guide validates with. */
import { Type } from "class-transformer";
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from "class-validator";
import type { NewOrder } from "./orders.ts";

class LineDto {
  declare sku: string;
  declare quantity: number;
  declare priceCents: number;
}

export class NewOrderDto {
  declare customer: string;
  declare currency: NewOrder["currency"];
  declare reference: string;
  declare priority: number;
  declare gift: boolean;
  declare lines: LineDto[];
}

export class OrderParamsDto {
  declare id: string;
}

/** Node strips types but knows no decorators: these are the calls that the compiler makes of them. */
function decorate(dto: { prototype: object }, fields: Readonly<Record<string, readonly PropertyDecorator[]>>): void {
  for (const [field, decorators] of Object.entries(fields))
    for (const decorator of decorators) decorator(dto.prototype, field);
}

decorate(LineDto, {
  sku: [IsString(), Matches(/^[A-Z]{3}-[0-9]{4}$/)],
  quantity: [IsInt(), Min(1), Max(999)],
  priceCents: [IsInt(), Min(0), Max(100_000_000)],
});
decorate(NewOrderDto, {
  customer: [IsString(), MinLength(1), MaxLength(80)],
  currency: [IsIn(["EUR", "USD", "INR"])],
  reference: [IsString(), MaxLength(40)],
  priority: [IsInt(), Min(1), Max(5)],
  gift: [IsBoolean()],
  lines: [IsArray(), ArrayMinSize(1), ArrayMaxSize(20), ValidateNested({ each: true }), Type(() => LineDto)],
});
decorate(OrderParamsDto, { id: [IsString(), Matches(/^ord_[0-9]{8}$/)] });
