import "reflect-metadata";
import { Body, Controller, Get, Module, NotFoundException, Param, Post, ValidationPipe } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { announce } from "../src/harness/announce.ts";
import { NewOrderDto, OrderParamsDto } from "./nest-dtos.ts";
import { findOrder, type Order, placeOrder } from "./orders.ts";

class OrdersController {
  find({ id }: OrderParamsDto): Order {
    const order = findOrder(id);
    if (!order) throw new NotFoundException("unknown order");
    return order;
  }

  place(order: NewOrderDto): Order {
    return placeOrder(order);
  }
}

class AppModule {}

decorateByHand();

const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
await app.listen(0, "127.0.0.1");
announce(app.getHttpServer().address());

/** Node strips types but knows no decorators: these are the calls that the compiler makes of them. */
function decorateByHand(): void {
  const { prototype } = OrdersController;
  const method = (name: "find" | "place") => Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  Get(":id")(prototype, "find", method("find"));
  Param()(prototype, "find", 0);
  Reflect.defineMetadata("design:paramtypes", [OrderParamsDto], prototype, "find");
  Post()(prototype, "place", method("place"));
  Body()(prototype, "place", 0);
  Reflect.defineMetadata("design:paramtypes", [NewOrderDto], prototype, "place");
  Controller("v1/orders")(OrdersController);
  Module({ controllers: [OrdersController] })(AppModule);
}
